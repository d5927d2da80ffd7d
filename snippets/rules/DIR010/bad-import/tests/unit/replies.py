REPLY = "yes"
