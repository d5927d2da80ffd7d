"""What the texts promise of themselves, judged: both languages alike, published names kept, every sentence true."""
