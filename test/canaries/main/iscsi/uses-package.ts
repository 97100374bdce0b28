// expects: packages: main/iscsi
import 'pino';
