// expects: nothing
import './cycle-a.ts';
