// expects: imports a test
import '../../test/support/empty.ts';
