// Imported by the master alone, while the workers serve.
const text = 'of a late module';
export const word = () => text;
