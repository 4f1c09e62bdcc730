// Imported by one side only, while the workers serve.
const text = 'of a late module';
export const word = () => text;
