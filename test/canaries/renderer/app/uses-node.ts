// expects: node: renderer/app
import 'node:path';
