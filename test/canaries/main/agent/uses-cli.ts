// expects: layer: main/agent
import '../cli/empty.ts';
