changequote(`[[', `]]')dnl
FROM ifelse(OS, debian, debian:12, alpine:3)
RUN true
