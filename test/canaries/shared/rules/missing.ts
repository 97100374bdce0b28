// expects: not found
import './not-there.ts';
