// expects: packages: main/ports
import 'pino';
