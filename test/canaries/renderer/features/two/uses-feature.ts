// expects: feature imports feature
import '../one/empty.ts';
