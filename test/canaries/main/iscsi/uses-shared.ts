// expects: layer: main/iscsi
import '../../shared/rules/empty.ts';
