// expects: reserved: child_process
import 'node:child_process';
