/** Stands for the text of a program where Node.js wants a file to start: see run_program.ts. Never runs itself. */
export {};
