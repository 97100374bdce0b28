// expects: nothing
export {};
