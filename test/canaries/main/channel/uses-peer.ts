// expects: layer: main/channel
import '../peer/empty.ts';
