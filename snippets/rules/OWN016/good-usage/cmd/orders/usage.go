package main

const tokenOption = "2fa-code"

const usage = `orders import reads

  {
    "accessKey": "YJ0RI0F4R5HWY38MD873",
    "secretKey": "Hz5CT7xdMHiXnKZP0BmZ5P4G5UvWvVaxR8gljLG9"
  }
`

// Authorization: AWS AKIAJVA5BMMU2RHO6IO1:signature
