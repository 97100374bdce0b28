// expects: reserved: net
import 'node:net';
