// expects: node: shared
import 'node:fs';
