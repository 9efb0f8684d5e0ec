"""The pages of the dashboard, a module each. Streamlit reserves the folder name `pages`."""
