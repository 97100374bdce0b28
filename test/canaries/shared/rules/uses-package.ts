// expects: packages: shared
import 'commander';
