// expects: layer: main/peer
import '../operations/empty.ts';
