package server

const ledgerHost = "ledger.orders.internal"
