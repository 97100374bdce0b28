// expects: layer: main/operations
import '../peer/empty.ts';
