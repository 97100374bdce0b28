// expects: nothing
import '../channel/empty.ts';
