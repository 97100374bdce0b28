// expects: layer: main/coordination
import '../windows/empty.ts';
