// expects: reserved: dgram
import 'node:dgram';
