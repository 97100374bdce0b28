// expects: layer: renderer/app
import '../../main/ports/empty.ts';
