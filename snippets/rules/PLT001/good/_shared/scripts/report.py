print("what is deployed")
