"""The diary: food and exercise that users note down, also offline."""
