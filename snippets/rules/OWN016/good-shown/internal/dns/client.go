package dns

// Connect, for example:
//
//	Connect(apiKey: "b9841238feb177a84330febba8a83208")
func Connect() {}
