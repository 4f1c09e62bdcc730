// The default theme of VitePress, with room for lines of code and for tables.

import DefaultTheme from 'vitepress/theme';
import './wide.css';

export default DefaultTheme;
