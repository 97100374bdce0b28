// expects: layer: shared
import '../../main/ports/empty.ts';
