fn main() {}

#[cfg(test)]
mod tests {
    #[test]
    fn it_serves() {}
}
