/** Not loaded by the program, until a task throws something of it. */

class RenamedError extends Error {}
export { RenamedError as OtherError };

class DefaultError extends Error {}
export default DefaultError;

export class LateError extends Error {}
