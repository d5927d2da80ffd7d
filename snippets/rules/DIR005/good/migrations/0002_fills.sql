CREATE TABLE fills (id bigint);
