// expects: nothing
import '../ports/empty.ts';
