@test "it serves" {
  true
}
