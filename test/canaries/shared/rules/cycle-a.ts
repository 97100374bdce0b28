// expects: cycle
import './cycle-b.ts';
