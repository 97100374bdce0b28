// expects: nothing
import '../error.ts';
