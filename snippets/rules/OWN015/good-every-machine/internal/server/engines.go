package server

const clusterDomain = "cluster.local"

var engines = []string{"172.17.0.1", "http://10.0.2.2:8080/", "192.168.65.1", "10.96.0.10"}
