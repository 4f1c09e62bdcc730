/** The script that the workers of workerpool run. */

import { fromPeers } from '../../support/peers.mjs';
import * as tasks from '../tasks.mjs';

const { default: workerpool } = await fromPeers('workerpool');
workerpool.worker({ ...tasks });
