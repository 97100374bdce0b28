// expects: unknown folder
export {};
