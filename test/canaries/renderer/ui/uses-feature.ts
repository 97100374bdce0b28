// expects: layer: renderer/ui
import '../features/one/empty.ts';
