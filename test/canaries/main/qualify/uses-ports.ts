// expects: layer: main/qualify
import '../ports/empty.ts';
