// expects: layer: main/operations
import '../windows/empty.ts';
