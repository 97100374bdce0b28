// expects: layer: main/peer
import '../ports/empty.ts';
