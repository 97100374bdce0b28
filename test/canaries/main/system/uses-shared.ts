// expects: layer: main/system
import '../../shared/rules/empty.ts';
