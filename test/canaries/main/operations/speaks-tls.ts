// expects: reserved: tls
import 'node:tls';
